//%attributes = {"invisible":true,"preemptive":"incapable"}
// 4D v20 LTS and later
// The worker that listens. It polls Node-RED for events, and calls the method of Websocket SET METHOD with each, until the
// name of the method is empty. It is cooperative, so that the method may be any project method.
var $bridge : cs.IXWebSocket
var $status; $event : Object
var $method : Text
var $pause : Real

If (Storage.ixWebSocket=Null)
	return   // IX SET BRIDGE was not called
End if 
$bridge:=cs.IXWebSocket.new()
$pause:=1
While ((Storage.ixWebSocket.method#"") & Not(Process aborted))
	$status:=$bridge.events(25)
	If (Value type($status.events)#Is collection)
		// Node-RED is away, or refuses the call.
		DELAY PROCESS(Current process; $pause*60)
		$pause:=($pause<16) ? ($pause*2) : 30
	Else 
		$pause:=1
		For each ($event; $status.events)
			$method:=Storage.ixWebSocket.method
			// Claimed before the method runs: an event is never given to it twice.
			If ($bridge.claim($status.run; $event.seq) & ($method#""))
				ON ERR CALL("IXOnEventError")
				EXECUTE METHOD($method; *; $event.type; $event.socket; JSON Stringify($event.message))
				ON ERR CALL("")
			End if 
		End for each 
	End if 
End while 
