/** How long the peer may take to answer our close frame, ms (plugin: 300). */
export const closeTimeout = 300;
