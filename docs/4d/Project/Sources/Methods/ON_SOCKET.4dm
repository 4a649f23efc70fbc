//%attributes = {"publishedWeb":true,"preemptive":"capable"}
// 4D 20 R8 and later
// Receives the events of WebSocket connections by /4DACTION/ON_SOCKET: in the node "4D hook" choose Call = /4DACTION.
// The property "Available through 4D tags and URLs (4DACTION…)" of this method must be ticked (publishedWeb above).
// Its answer is a BLOB with the type application/json, because 4D evaluates tags in a text, and a peer may have written them.
#DECLARE($url : Text)

var $i : Integer
var $fields; $result : Object
var $body; $timestamp; $signature : Text
var $blob : Blob

ARRAY TEXT($names; 0)
ARRAY TEXT($contents; 0)

WEB GET HTTP HEADER($names; $contents)
For ($i; 1; Size of array($names))
	Case of 
		: ($names{$i}="X-IX-Timestamp")
			$timestamp:=$contents{$i}
		: ($names{$i}="X-IX-Signature")
			$signature:=$contents{$i}
	End case 
End for 
WEB GET HTTP BODY($body)

$result:=New object("status"; 401; "body"; "{}")
If (cs.IXHook.me.isAllowed($body; $timestamp; $signature))
	WEB GET VARIABLES($names; $contents)
	$fields:=New object
	For ($i; 1; Size of array($names))
		$fields[$names{$i}]:=$contents{$i}
	End for 
	$result:=cs.IXHook.me.answerToFields($fields)
End if 

// The first two fields are the first line of the answer.
ARRAY TEXT($names; 2)
ARRAY TEXT($contents; 2)
$names{1}:="X-VERSION"
$contents{1}:="HTTP/1.1"
$names{2}:="X-STATUS"
$contents{2}:=String($result.status)+" "+Choose($result.status=200; "OK"; "Refused")
WEB SET HTTP HEADER($names; $contents)
CONVERT FROM TEXT($result.body; "UTF-8"; $blob)
WEB SEND BLOB($blob; "application/json")
