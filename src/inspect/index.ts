export type { ClientRow, ConnectionRow, Counters, FrameRow, FramesAnswer, ServerRow } from './answers';
export { Inspector, type Target } from './inspector';
export { clientRow, serverRow } from './overview';
export { Redaction } from './redaction';
