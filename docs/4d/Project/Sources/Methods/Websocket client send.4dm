//%attributes = {"shared":true,"preemptive":"capable"}
// 4D v20 LTS and later
// Sends $socket.message: a text, a Blob (a binary frame), or an object or a collection (JSON text).
#DECLARE($socket : Object) : Object

return cs.IXWebSocket.new().clientSend($socket)
