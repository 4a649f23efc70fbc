//%attributes = {"shared":true,"preemptive":"capable"}
// 4D v20 LTS and later
// Connects, and returns when the opening handshake has ended. $socket.timeout is its deadline in seconds; 30 if absent.
#DECLARE($socket : Object) : Object

return cs.IXWebSocket.new().clientStart($socket)
