//%attributes = {"shared":true,"preemptive":"capable"}
// 4D v20 LTS and later
// Creates a client in Node-RED, and writes its id into $socket. With an id in $socket it returns information about that client.
#DECLARE($socket : Object) : Object

return cs.IXWebSocket.new().client($socket)
