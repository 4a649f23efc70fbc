// Receives the events of WebSocket connections from the Node-RED node "4D hook" (ix-4d-hook).
//
// To do: put your own code into onEvent, at the end of this file. It is the callback method of the plugin,
// with the same three parameters, and what it returns is done on the connection that the event came from.
//
// Called in one of three ways, as the node is set ("Calls"):
//   HTTP request handler   handle   (4D 20 R8 and later) by HTTPHandlers.json: http://<this 4D>/hooks/ws
//   REST                   event    http://<this 4D>/rest/$singleton/IXHook/event
//   4DACTION               the method ON_SOCKET, which calls onEvent too
//
// Shared singletons need 4D 20 R5. All of it is thread-safe.

property signingKey : Text
property last : Object
property swept : Integer

shared singleton Class constructor()
	// The "Signing key" of the node. Empty: signatures are not checked. Better than here: a file outside the project.
	This.signingKey:=""
	// The newest event of each connection, to know one that comes again.
	This.last:=New shared object
	// When old ones were last taken out of it.
	This.swept:=0


	// ------------------------------------------------------------------ HTTP request handler

Function handle($request : 4D.IncomingMessage) : 4D.OutgoingMessage
	var $answer : 4D.OutgoingMessage
	var $body : Text
	var $call; $result : Object
	
	$answer:=4D.OutgoingMessage.new()
	$answer.setHeader("Content-Type"; "application/json")
	$body:=$request.getText()
	
	If (Not(This.isSigned($request; $body)))
		// 401 is final: the node does not try again, and the event comes out of its second output.
		$answer.setStatus(401)
		$answer.setBody("{}")
		return $answer
	End if 
	
	$call:=JSON Parse($body; Is object)
	$result:=New object("actions"; New collection)
	If (Value type($call.events)=Is collection)  // the node has "Events per call" above 1
		$result:=This.several($call.events)
	Else 
		$result:=This.once($call)
	End if 
	
	$answer.setBody(JSON Stringify(This.forNodeRED($result)))
	return $answer


	// ------------------------------------------------------------------ REST

	// The three parameters of the callback. With "Events per call" above 1 there is one parameter, a collection of events.
	// A function that is called by REST needs a privilege in roles.json, or guests that may execute it.
exposed Function event($type : Variant; $socket : Integer; $message : Text) : Object
	If (Value type($type)=Is collection)
		return This.forNodeRED(This.several($type))
	End if 
	return This.forNodeRED(This.onEvent($type; $socket; This.fromNodeRED(JSON Parse($message))))


	// ------------------------------------------------------------------ bytes and names

	// JSON has no bytes: Node-RED writes them as {"$base64": "…"}. So that nothing that a peer writes is taken for that, a property
	// that begins with $ has one more $ on the way. Here both are undone: bytes are a 4D.Blob.
Function fromNodeRED($value : Variant) : Variant
	var $name; $base64 : Text
	var $blob : Blob
	var $object : Object
	var $list : Collection
	var $one : Variant
	
	Case of 
		: (Value type($value)=Is collection)
			$list:=New collection
			For each ($one; $value)
				$list.push(This.fromNodeRED($one))
			End for each 
			return $list
			
		: (Value type($value)#Is object)
			return $value
			
		: ((OB Keys($value).length=1) && (Value type($value["$base64"])=Is text))
			$base64:=$value["$base64"]
			BASE64 DECODE($base64; $blob)
			return 4D.Blob.new($blob)
	End case 
	
	$object:=New object
	For each ($name; $value)
		$object[This.unescaped($name)]:=This.fromNodeRED($value[$name])
	End for each 
	return $object

	// The other way, in the message of each action: a Blob becomes {"$base64": "…"}, and a property that begins with $ has one more.
Function forNodeRED($result : Object) : Object
	var $action : Object
	
	If (Value type($result.actions)=Is collection)
		For each ($action; $result.actions)
			If (OB Is defined($action; "message"))
				$action.message:=This.escaped($action.message)
			End if 
		End for each 
	End if 
	return $result

Function escaped($value : Variant) : Variant
	var $name; $base64 : Text
	var $blob : Blob
	var $object : Object
	var $list : Collection
	var $one : Variant
	
	Case of 
		: (Value type($value)=Is collection)
			$list:=New collection
			For each ($one; $value)
				$list.push(This.escaped($one))
			End for each 
			return $list
			
		: ((Value type($value)=Is BLOB) || ((Value type($value)=Is object) && OB Instance of($value; 4D.Blob)))
			$blob:=$value
			BASE64 ENCODE($blob; $base64)
			return New object("$base64"; $base64)
			
		: (Value type($value)#Is object)
			return $value
	End case 
	
	$object:=New object
	For each ($name; $value)
		$object[Choose(Position("$"; $name)=1; "$"+$name; $name)]:=This.escaped($value[$name])
	End for each 
	return $object

Function unescaped($name : Text) : Text
	return Choose(Position("$$"; $name)=1; Substring($name; 2); $name)


	// ------------------------------------------------------------------ once and in order

Function several($events : Collection) : Object
	var $event : Object
	var $actions : Collection
	$actions:=New collection
	For each ($event; $events)
		$actions:=$actions.concat(This.once($event).actions)
	End for each 
	return New object("actions"; $actions)

	// A call whose answer was lost is made again. run is new at each deploy of the node; below one run, seq only counts up.
Function once($event : Object) : Object
	var $connection : Text
	var $before; $result : Object
	
	$connection:=String($event.socket)+" "+String($event.client)
	$before:=This.last[$connection]
	If ($before#Null)
		If (($before.run=$event.run) & ($before.seq>=$event.seq))
			return New object("actions"; New collection)
		End if 
	End if 
	
	$result:=This.onEvent($event.type; $event.socket; This.fromNodeRED($event.message))
	
	// After a Close too: the call that brings it can come again.
	Use (This.last)
		This.last[$connection]:=New shared object("run"; $event.run; "seq"; $event.seq; "at"; This.unixSeconds())
	End use 
	This.sweep()
	return $result

	// Forgets the connections that have brought nothing for an hour. At most once a minute: it looks at all of them.
Function sweep()
	var $now : Integer
	var $connection : Text
	
	$now:=This.unixSeconds()
	If (($now-This.swept)<60)
		return 
	End if 
	Use (This)
		This.swept:=$now
	End use 
	Use (This.last)
		For each ($connection; OB Keys(This.last))
			If (This.last[$connection].at<($now-3600))
				OB REMOVE(This.last; $connection)
			End if 
		End for each 
	End use 


	// ------------------------------------------------------------------ signature

	// X-IX-Signature is "sha256=" and the HMAC-SHA256 of X-IX-Timestamp, a full stop and the body.
Function isSigned($request : 4D.IncomingMessage; $body : Text) : Boolean
	var $timestamp : Text
	var $age : Integer
	If (This.signingKey="")
		return True
	End if 
	$timestamp:=String($request.headers["x-ix-timestamp"])
	$age:=Abs(This.unixSeconds()-Num($timestamp))
	If ($age>300)  // older than five minutes: somebody replays it, or a clock is wrong
		return False
	End if 
	return This.isSame(String($request.headers["x-ix-signature"]); "sha256="+This.hmac(This.signingKey; $timestamp+"."+$body))

	// Seconds since 1970, UTC.
Function unixSeconds() : Integer
	var $now : Text
	var $date : Date
	$now:=Timestamp  // 2026-01-31T12:34:56.789Z
	$date:=Add to date(!00-00-00!; Num(Substring($now; 1; 4)); Num(Substring($now; 6; 2)); Num(Substring($now; 9; 2)))
	return (($date-!1970-01-01!)*86400)+(Num(Substring($now; 12; 2))*3600)+(Num(Substring($now; 15; 2))*60)+Num(Substring($now; 18; 2))

	// Compares all of it in any case, so that the time it takes says nothing.
Function isSame($one : Text; $other : Text) : Boolean
	var $i; $differences : Integer
	If (Length($one)#Length($other))
		return False
	End if 
	For ($i; 1; Length($one))
		If (Character code($one[[$i]])#Character code($other[[$i]]))
			$differences:=$differences+1
		End if 
	End for 
	return $differences=0

	// HMAC-SHA256 (RFC 2104), in hexadecimal. 4D has the digest, not the HMAC.
Function hmac($key : Text; $message : Text) : Text
	var $keyBytes; $messageBytes; $inner; $outer; $digest : Blob
	var $i : Integer
	
	CONVERT FROM TEXT($key; "UTF-8"; $keyBytes)
	CONVERT FROM TEXT($message; "UTF-8"; $messageBytes)
	If (BLOB size($keyBytes)>64)
		$keyBytes:=This.bytes(Generate digest($keyBytes; SHA256 digest))
	End if 
	SET BLOB SIZE($inner; 64; 0x0036)
	SET BLOB SIZE($outer; 64; 0x005C)
	For ($i; 0; BLOB size($keyBytes)-1)
		$inner{$i}:=$inner{$i} ^| $keyBytes{$i}
		$outer{$i}:=$outer{$i} ^| $keyBytes{$i}
	End for 
	
	COPY BLOB($messageBytes; $inner; 0; 64; BLOB size($messageBytes))
	$digest:=This.bytes(Generate digest($inner; SHA256 digest))
	COPY BLOB($digest; $outer; 0; 64; BLOB size($digest))
	return Generate digest($outer; SHA256 digest)

	// The bytes of a hexadecimal text.
Function bytes($hex : Text) : Blob
	var $blob : Blob
	var $i : Integer
	var $digits : Text
	$digits:="0123456789abcdef"
	SET BLOB SIZE($blob; Length($hex)\2)
	For ($i; 0; (Length($hex)\2)-1)
		$blob{$i}:=((Position($hex[[($i*2)+1]]; $digits)-1)*16)+(Position($hex[[($i*2)+2]]; $digits)-1)
	End for 
	return $blob


	// ------------------------------------------------------------------ your own code

	// $type    0 Message, 1 Open, 2 Close, 3 Error
	// $socket  the id of the socket: above 0 a client, below 0 a server
	// $message the event: str, uri, client, remoteIp, code, reason … as the callback of the plugin has them
	//
	// Returns what is to be done, in this order, on the connection that the event came from:
	//   New object("do"; "send"; "message"; "text")
	//   New object("do"; "close"; "code"; 4001; "reason"; "in words")
	//   New object("do"; "tag"; "add"; "a group")      (servers only; "remove" takes it out)
	// On a server "client", "tag", "uri" or "all" in an action names other connections of the same server.
	// Bytes are a 4D.Blob, in $message and as the "message" of an action.
Function onEvent($type : Integer; $socket : Integer; $message : Object) : Object
	var $actions : Collection
	$actions:=New collection
	
	Case of 
		: ($type=1)  // Open: everybody of the same request target is a group
			If ($socket<0)
				$actions.push(New object("do"; "tag"; "add"; $message.uri))
			End if 
			
		: ($type=0)  // Message
			If (Value type($message.str)=Is text)  // else the bytes are in $message.str, a 4D.Blob
				$actions.push(New object("do"; "send"; "message"; "4D heard: "+$message.str))
			End if 
			
		: ($type=2)  // Close: $message.code, $message.reason
			
		: ($type=3)  // Error: $message.reason
			
	End case 
	
	return New object("actions"; $actions)
