export type { Call, CallAnswer } from './calls';
export { Conversation, type ConversationContext, type ConversationOwner } from './conversation';
export { redactor } from './faults';
export type { Incoming } from './incoming-message';
export type { OpeningFailure } from './opening';
export { checkSecrets, compileProtocol, type Protocol } from './protocol';
export { ProtocolConnection, type ProtocolOwner } from './protocol-connection';
export { type Outcome, type RequestInput, Requests, secretsOf } from './requests';
export type { Expressions } from './value';
