//%attributes = {"shared":true,"preemptive":"capable"}
// 4D v20 LTS and later
// Sets the address of the node "4D bridge" (ix-4d-bridge), path included, and its token. Call it in On Startup, and on
// 4D Server in On Server Startup. It clears the sockets that an earlier run of this 4D has left in Node-RED.
// $owner tells the 4D applications of one Node-RED apart; if absent, it is made of the machine and the kind of 4D.
#DECLARE($url : Text; $token : Text; $owner : Text) : Object

var $name : Text

$name:=$owner
If ($name="")
	$name:=Current machine+" "+String(Application type)
End if 
Use (Storage)
	Storage.ixWebSocket:=New shared object("url"; $url; "token"; $token; "owner"; Substring($name; 1; 64); "method"; ""; "run"; ""; "after"; 0)
End use 
return cs.IXWebSocket.new().clearOwner()
