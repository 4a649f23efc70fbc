//%attributes = {"shared":true,"preemptive":"capable"}
// 4D v20 LTS and later
// Closes the connection. The peer gets $socket.code (1000) and $socket.reason.
#DECLARE($socket : Object) : Object

return cs.IXWebSocket.new().clientStop($socket)
