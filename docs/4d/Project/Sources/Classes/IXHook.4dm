// 4D 20 R8 and later
// Receives the events of WebSocket connections from the Node-RED node "4D hook" (ix-4d-hook). In v20 LTS use Websocket SET METHOD.
//
// To do: put your own code into onEvent, at the end of this file. It is the callback method of the plugin,
// with the same three parameters. The actions that it returns are carried out on the connection of the event.
//
// Called in one of three ways, as the node is set ("Call"):
//   HTTP request handler   handle    by HTTPHandlers.json: http://<this 4D>/hooks/ws
//   REST                   receive   http://<this 4D>/rest/$singleton/IXHook/receive
//   4DACTION               the method ON_SOCKET
//
// All functions are thread-safe. The class IXValues is needed too.

property signingKey : Text
property calls : Object
property swept : Real

shared singleton Class constructor()
	// The "Signing key" of the node. A file outside the project is a better place than this one. While it is empty, calls are taken only
	// if the web server of 4D listens on 127.0.0.1 alone.
	This.signingKey:=""
	// The newest event of each connection and the answers of its latest call, so that a repeated event is not handled twice.
	This.calls:=New shared object
	// When old ones were last removed from it.
	This.swept:=0


	// ------------------------------------------------------------------ HTTP request handler

Function handle($request : 4D.IncomingMessage) : 4D.OutgoingMessage
	var $answer : 4D.OutgoingMessage
	var $result : Object
	
	$result:=This.answerTo($request.getText(); $request.getHeader("x-ix-timestamp"); $request.getHeader("x-ix-signature"))
	$answer:=4D.OutgoingMessage.new()
	$answer.setStatus($result.status)
	// setBody sets the type of a text itself, so the header comes after it.
	$answer.setBody($result.body)
	$answer.setHeader("Content-Type"; "application/json")
	return $answer

	// Returns the status and the body of the answer to a call with a JSON body. It raises no error.
	// 401, 400 and 422 are final for the node: it does not repeat the call. 503 is repeated.
Function answerTo($body : Text; $timestamp : Text; $signature : Text) : Object
	var $call : Variant
	
	If (Not(This.isAllowed($body; $timestamp; $signature)))
		return New object("status"; 401; "body"; "{}")
	End if 
	$call:=Try(JSON Parse($body))
	If (Value type($call)#Is object)
		return New object("status"; 400; "body"; "{}")
	End if 
	If (Value type($call.events)=Is collection)  // the node has "Events per call" above 1
		return This.answerOf(This.several($call.events))
	End if 
	return This.answerOf(This.several(New collection($call)))

	// The same for the fields of a form (4DACTION). All are texts; events and message are JSON.
Function answerToFields($fields : Object) : Object
	var $events : Variant
	
	If ($fields.events#Null)  // the node has "Events per call" above 1
		$events:=Try(JSON Parse($fields.events))
	Else 
		$fields.type:=Num($fields.type)
		$fields.socket:=Num($fields.socket)
		$fields.seq:=Num($fields.seq)
		$fields.message:=Try(JSON Parse($fields.message))
		$events:=New collection($fields)
	End if 
	If (Value type($events)#Is collection)
		return New object("status"; 400; "body"; "{}")
	End if 
	return This.answerOf(This.several($events))

	// Returns the status and the body for the result of several.
Function answerOf($result : Object) : Object
	If (Value type($result.status)=Is undefined)
		return New object("status"; 200; "body"; cs.IXValues.new().text($result))
	End if 
	return New object("status"; $result.status; "body"; "{}")


	// ------------------------------------------------------------------ REST

	// The three parameters of the callback. With "Events per call" above 1 there is one parameter, a collection of events.
	// Grant the function in roles.json to the privilege of the node's user: 4D then refuses others itself. A guest is refused here too.
exposed Function receive($type : Variant; $socket : Integer; $message : Text) : Object
	If (Session.isGuest())
		return New object("success"; False; "errorStr"; "A guest may not call this function. Log in with the user of the node.")
	End if 
	If (Value type($type)=Is collection)
		return This.several($type)
	End if 
	return This.forNodeRED(This.onEvent($type; $socket; cs.IXValues.new().fromJSON(JSON Parse($message))))


	// ------------------------------------------------------------------ once and in order

	// Handles the events of one call. Returns their actions, or status: 422 if the code for an event failed, 503 if an earlier call
	// with the same event is still running.
Function several($events : Collection) : Object
	var $event; $result : Object
	var $actions : Collection
	
	$actions:=New collection
	For each ($event; $events)
		$result:=This.once($event; Num($events[0].seq))
		If (Value type($result.status)#Is undefined)
			return $result
		End if 
		If (Value type($result.actions)=Is collection)
			$actions:=$actions.concat($result.actions)
		End if 
	End for each 
	return New object("actions"; $actions)

	// Handles an event once, and returns the same answer to each repeat. An event is repeated if its answer was lost or late.
	// run is new at each deploy of a hook node, and different for each of them; below one run, seq only counts up.
Function once($event : Object; $first : Real) : Object
	var $key; $stored : Text
	var $result : Object
	
	$key:=This.keyOf($event)
	If (Not(This.claim($key; $event.seq; $first)))
		return This.replay($key; $event.seq)
	End if 
	
	Try
		$result:=This.forNodeRED(This.onEvent($event.type; $event.socket; cs.IXValues.new().fromJSON($event.message)))
		$stored:=JSON Stringify($result)
	Catch
		$result:=New object("status"; 422)
		$stored:=JSON Stringify($result)
	End try
	
	Use (This.calls)
		This.calls[$key].answers[String($event.seq)]:=$stored
	End use 
	This.sweep()
	return $result

	// One connection of one hook node.
Function keyOf($event : Object) : Text
	return String($event.run)+" "+String($event.hook)+" "+String($event.socket)+" "+String($event.client)

	// Returns True if the event is new, and marks it before its code runs: a call that arrives meanwhile is a repeat.
	// The answers of calls before this one are forgotten, because the node makes a call only after the one before it.
Function claim($key : Text; $seq : Real; $first : Real) : Boolean
	var $isNew : Boolean
	var $old : Text
	
	Use (This.calls)
		If (This.calls[$key]=Null)
			This.calls[$key]:=New shared object("seq"; 0; "at"; 0; "answers"; New shared object)
		End if 
		$isNew:=($seq>This.calls[$key].seq)
		If ($isNew)
			This.calls[$key].seq:=$seq
			For each ($old; OB Keys(This.calls[$key].answers))
				If (Num($old)<$first)
					OB REMOVE(This.calls[$key].answers; $old)
				End if 
			End for each 
		End if 
		This.calls[$key].at:=This.unixSeconds()
	End use 
	return $isNew

	// Returns the stored answer of a claimed event. Waits up to 20 seconds for one whose code still runs.
Function replay($key : Text; $seq : Real) : Object
	var $i : Integer
	var $stored : Variant
	
	For ($i; 1; 200)
		Use (This.calls)
			$stored:=This.calls[$key].answers[String($seq)]
		End use 
		If (Value type($stored)=Is text)
			return JSON Parse($stored; Is object)
		End if 
		If (This.calls[$key].seq>$seq)
			// A later call has begun, so the node has the answer to this one.
			return New object("actions"; New collection)
		End if 
		DELAY PROCESS(Current process; 6)
	End for 
	return New object("status"; 503)

	// Forgets the connections that have brought nothing for an hour. At most once a minute, because it visits all of them.
Function sweep()
	var $now : Real
	var $key : Text
	
	$now:=This.unixSeconds()
	If (($now-This.swept)<60)
		return 
	End if 
	Use (This)
		This.swept:=$now
	End use 
	Use (This.calls)
		For each ($key; OB Keys(This.calls))
			If (This.calls[$key].at<($now-3600))
				OB REMOVE(This.calls; $key)
			End if 
		End for each 
	End use 

	// Converts the message of each action: a Blob becomes {"$base64": "…"}.
Function forNodeRED($result : Object) : Object
	var $action : Object
	
	If ($result=Null)
		return New object("actions"; New collection)
	End if 
	If (Value type($result.actions)=Is collection)
		For each ($action; $result.actions)
			If (OB Is defined($action; "message"))
				$action.message:=cs.IXValues.new().toJSON($action.message)
			End if 
		End for each 
	End if 
	return $result


	// ------------------------------------------------------------------ who may call

	// With a signing key: a call with its signature. Without one: every call, if only this machine can reach the web server.
	// X-IX-Signature is "sha256=" and the HMAC-SHA256 of X-IX-Timestamp, a full stop and the body.
Function isAllowed($body : Text; $timestamp : Text; $signature : Text) : Boolean
	var $age : Real
	
	If (This.signingKey="")
		return (WEB Server(Web server host database).IPAddressToListen="127.0.0.1")
	End if 
	$age:=Abs(This.unixSeconds()-Num($timestamp))
	If ($age>300)  // older than five minutes: a replay, or a wrong clock
		return False
	End if 
	return This.isSame($signature; "sha256="+This.hmac(This.signingKey; $timestamp+"."+$body))

	// Seconds since 1970, UTC. Real, because they no longer fit into an Integer in 2038.
Function unixSeconds() : Real
	return This.secondsOf(Timestamp)

	// Seconds since 1970 of a time stamp like 2026-01-31T12:34:56.789Z.
Function secondsOf($timestamp : Text) : Real
	var $date : Date
	var $seconds : Real
	
	$date:=Add to date(!00-00-00!; Num(Substring($timestamp; 1; 4)); Num(Substring($timestamp; 6; 2)); Num(Substring($timestamp; 9; 2)))
	$seconds:=$date-!1970-01-01!
	$seconds:=$seconds*86400
	return $seconds+(Num(Substring($timestamp; 12; 2))*3600)+(Num(Substring($timestamp; 15; 2))*60)+Num(Substring($timestamp; 18; 2))

	// Compares all characters in each case, so that the time it takes reveals nothing.
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
	// Returns the actions, in order, for the connection that the event came from:
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
