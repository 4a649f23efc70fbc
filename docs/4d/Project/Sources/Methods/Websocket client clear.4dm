//%attributes = {"shared":true,"preemptive":"capable"}
// 4D v20 LTS and later
// Removes the client. Its id is not used again.
#DECLARE($socket : Object) : Object

return cs.IXWebSocket.new().clientClear($socket)
