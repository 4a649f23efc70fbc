//%attributes = {"shared":true,"preemptive":"capable"}
// 4D v20 LTS and later
// Creates a server in Node-RED, and writes its id into $socket. With an id in $socket it returns the connections of that server.
#DECLARE($socket : Object) : Object

return cs.IXWebSocket.new().server($socket)
