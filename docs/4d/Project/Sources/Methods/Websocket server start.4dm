//%attributes = {"shared":true,"preemptive":"capable"}
// 4D v20 LTS and later
// Starts to listen. The status has the port.
#DECLARE($socket : Object) : Object

return cs.IXWebSocket.new().serverStart($socket)
