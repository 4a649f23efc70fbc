//%attributes = {"shared":true}
// 4D v20 LTS and later
// Sets the project method that events call, and starts the worker that listens. An empty name ends it.
// The method gets the type (0 Message, 1 Open, 2 Close, 3 Error), the socket, and the message as JSON text.
#DECLARE($method : Text)

cs.IXWebSocket.new().setMethod($method)
If ($method#"")
	CALL WORKER("ixWebSocket"; Formula(IXListen))
End if 
