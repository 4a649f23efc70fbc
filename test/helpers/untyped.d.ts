declare module 'phoenix';
declare module 'rpc-websockets';
declare module 'stomp-broker-js';
