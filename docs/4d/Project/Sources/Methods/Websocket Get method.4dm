//%attributes = {"shared":true,"preemptive":"capable"}
// 4D v20 LTS and later
// Returns the name that Websocket SET METHOD has set in this 4D; empty if none.
#DECLARE() : Text

return cs.IXWebSocket.new().getMethod()
