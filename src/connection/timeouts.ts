/** Time that the peer has to answer a close frame, ms (plugin: 300). */
export const closeTimeout = 300;
