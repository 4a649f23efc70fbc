//%attributes = {"publishedWeb":true,"preemptive":"capable"}
// Receives the events of WebSocket connections by /4DACTION/ON_SOCKET: in the node "4D hook" choose Calls = /4DACTION.
// The property "Available through 4D tags and URLs (4DACTION…)" of this method must be ticked (publishedWeb above).
// On Web Authentication is called before it: check user and password, or the header Authorization, there.

var $i : Integer
var $fields; $result : Object

ARRAY TEXT($nameArray; 0)
ARRAY TEXT($valueArray; 0)
WEB GET VARIABLES($nameArray; $valueArray)

$fields:=New object
For ($i; 1; Size of array($nameArray))
	$fields[$nameArray{$i}]:=$valueArray{$i}
End for 

If ($fields.events#Null)  // the node has "Events per call" above 1
	$result:=cs.IXHook.me.several(JSON Parse($fields.events; Is collection))
Else 
	// All fields are texts; message is JSON.
	$fields.type:=Num($fields.type)
	$fields.socket:=Num($fields.socket)
	$fields.seq:=Num($fields.seq)
	$fields.message:=JSON Parse($fields.message)
	$result:=cs.IXHook.me.once($fields)
End if 

WEB SEND TEXT(JSON Stringify(cs.IXHook.me.forNodeRED($result)); "application/json")
