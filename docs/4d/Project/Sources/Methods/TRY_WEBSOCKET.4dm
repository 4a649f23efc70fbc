//%attributes = {}
// 4D v20 LTS and later
// The dialog of the sample database: asks for a URL and a text, connects, sends, and shows the answers. Run it from the
// method editor. The host of the URL must be in the list of hosts of the 4D bridge.
var $socket; $status : Object
var $url; $text : Text

$url:=Request("URL of the WebSocket server"; "ws://127.0.0.1:8099/orders")
If (OK=1)
	Websocket SET METHOD("TRY_ON_EVENT")
	$socket:=New object("URL"; $url; "pingInterval"; 30)
	$status:=Websocket client($socket)
	If ($status.success)
		$status:=Websocket client start($socket)
	End if 
	While ($status.success)
		$text:=Request("Message to "+$url; "Hello from 4D"; "Send"; "Close")
		If (OK=1)
			$socket.message:=$text
			$status:=Websocket client send($socket)
		Else 
			$status:=New object("success"; False)
		End if 
	End while 
	If (Value type($status.errorStr)=Is text)
		ALERT($status.errorStr)
	End if 
	$status:=Websocket client clear($socket)
	Websocket SET METHOD("")
End if 
