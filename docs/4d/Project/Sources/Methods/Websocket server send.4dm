//%attributes = {"shared":true,"preemptive":"capable"}
// 4D v20 LTS and later
// Sends $socket.message to everyone, or to the connections that $socket.uri, $socket.client or $socket.tag names.
#DECLARE($socket : Object) : Object

return cs.IXWebSocket.new().serverSend($socket)
