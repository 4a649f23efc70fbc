export { type AcceptedCall, Bridge, type BridgeOptions } from './bridge';
export { parseHosts } from './hosts';
export { OwnerStore } from './owner-store';
