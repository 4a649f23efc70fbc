declare module 'home-assistant-js-websocket';
declare module 'phoenix';
declare module 'rpc-websockets';
declare module 'stomp-broker-js';
