//%attributes = {"shared":true,"preemptive":"capable"}
// 4D v20 LTS and later
// Closes the connections and stops to listen.
#DECLARE($socket : Object) : Object

return cs.IXWebSocket.new().serverStop($socket)
