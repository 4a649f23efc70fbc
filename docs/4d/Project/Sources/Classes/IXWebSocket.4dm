// IXWebSocket: the commands of the plugin ix-websocket, carried out by a Node-RED.
//
// 4D v20 or later. No plugin is needed: each function posts your socket object to the flow
// "4D drives sockets over HTTP" (Import > Examples > @ix-websocket/node-red > 4d), and returns the status
// object that the command of the plugin returned. So
//
//     $status:=Websocket client send($socket)
//
// becomes
//
//     $status:=cs.IXWebSocket.new().clientSend($socket)
//
// Once, in On Startup (and, on 4D Server, in On Server Startup), say where Node-RED is, and the token, which is
// the IX_TOKEN of the flow. Keep the token out of the code, for instance in a file beside the data:
//
//     Use (Storage)
//         Storage.ixWebSocket:=New shared object("url"; "http://127.0.0.1:1880"; "token"; $token)
//     End use
//
// Every function answers with a status: test $status.success. Where Node-RED itself cannot be reached, or refuses
// the call, success is False too, and errorStr says why in a sentence.
// The functions wait for the answer. A start may last 30 seconds, so it is best called from a worker:
// CALL WORKER("ws"; "myStart"; $socket). All of it may run in a preemptive process.
//
// A message is a text, a Blob (a binary frame), or an object or a collection (sent as JSON text).

property url : Text
property token : Text

// cs.IXWebSocket.new() takes both from Storage.ixWebSocket; cs.IXWebSocket.new($url; $token) is for more than one Node-RED.
Class constructor($url : Text; $token : Text)
	
	If (Count parameters=0) && (Storage.ixWebSocket#Null)
		This.url:=Storage.ixWebSocket.url
		This.token:=Storage.ixWebSocket.token
	Else 
		This.url:=$url
		This.token:=$token
	End if 
	
	// MARK:- Clients
	
	// Websocket client: makes a client, and writes its id into $socket, as the plugin does.
	// With an id in $socket nothing is made: the status tells about that client (readyState, URL, …).
	// A URL needs its host in the IX_HOSTS of the flow. A client that a config node of Node-RED holds has its id already,
	// and takes no options from here: {id}, and what the command is about.
Function client($socket : Object) : Object
	
	return This._created($socket; This._post("client"; $socket))
	
	// Websocket client start: connects, and answers when the opening handshake has ended.
	// $socket.timeout is its deadline in seconds; 30 if absent.
Function clientStart($socket : Object) : Object
	
	return This._post("client/start"; $socket)
	
	// Websocket client stop: $socket.code (1000) and $socket.reason are told to the peer.
Function clientStop($socket : Object) : Object
	
	return This._post("client/stop"; $socket)
	
	// Websocket client send: $socket.message.
Function clientSend($socket : Object) : Object
	
	return This._post("client/send"; $socket)
	
	// Websocket client clear: the id is not used again.
Function clientClear($socket : Object) : Object
	
	return This._post("client/clear"; $socket)
	
	// MARK:- Servers
	
	// Websocket server: makes a server in Node-RED, and writes its id into $socket, as the plugin does.
	// With an id in $socket the status tells who is connected (clients, connections).
Function server($socket : Object) : Object
	
	return This._created($socket; This._post("server"; $socket))
	
	// Websocket server start: $status.port is the port it really listens on.
Function serverStart($socket : Object) : Object
	
	return This._post("server/start"; $socket)
	
	// Websocket server stop
Function serverStop($socket : Object) : Object
	
	return This._post("server/stop"; $socket)
	
	// Websocket server send: $socket.message, to everyone, or to the connections that $socket.uri names
	// (or, not in the plugin, $socket.client or $socket.tag). $status.statuses has one status for each.
Function serverSend($socket : Object) : Object
	
	return This._post("server/send"; $socket)
	
	// Websocket server clear
Function serverClear($socket : Object) : Object
	
	return This._post("server/clear"; $socket)
	
	// Not in the plugin: puts connections into groups ($socket.add) and takes them out ($socket.remove).
Function serverTag($socket : Object) : Object
	
	return This._post("server/tag"; $socket)
	
	// Not in the plugin: closes single connections and leaves the server running.
Function serverDisconnect($socket : Object) : Object
	
	return This._post("server/disconnect"; $socket)
	
	// MARK:- Method
	
	// Websocket SET METHOD: the nodes of the flow that name a method emit only while theirs is set.
	// The status holds method, and success: False with errorStr if Node-RED did not take it.
Function setMethod($method : Text) : Object
	
	return This._post("method"; New object("method"; $method))
	
	// Websocket Get method: empty if none is set, or if Node-RED does not answer.
Function getMethod() : Text
	
	var $status : Object
	$status:=This._post("method"; New object)
	If (Value type($status.method)=Is text)
		return $status.method
	Else 
		return ""
	End if 
	
	// MARK:- Private
	
	// The caller's object has the id afterwards, so that the next command can take the same object.
Function _created($socket : Object; $status : Object) : Object
	
	If ($socket#Null) && ($status.id#Null)
		$socket.id:=$status.id
	End if 
	return $status
	
Function _post($command : Text; $socket : Object) : Object
	
	var $options; $headers; $body : Object
	var $request : 4D.HTTPRequest
	var $wait : Real
	
	If ($socket=Null)
		$body:=New object
	Else 
		$body:=This._forJSON($socket)
	End if 
	$headers:=New object("Authorization"; "Bearer "+This.token)
	
	// Node-RED answers a start within its own deadline: wait a little longer than that.
	$wait:=30
	If (Value type($body.timeout)=Is real) || (Value type($body.timeout)=Is longint)
		$wait:=$body.timeout
	End if 
	
	// An object as the body is posted as application/json, and a JSON answer comes back as an object.
	$options:=New object("method"; "POST"; "headers"; $headers; "body"; $body; "dataType"; "auto"; "timeout"; $wait+10)
	$request:=4D.HTTPRequest.new(This.url+"/ix/"+$command; $options)
	$request.wait()
	
	Case of 
			
		: ($request.response=Null)  // No answer at all
			return This._failed("Node-RED at "+This.url+" did not answer: "+This._reason($request)+". Is it running, and is the address right?")
			
		: (Value type($request.response.body)=Is object)  // The status; with a 4xx it says what was wrong with the call
			return This._fromJSON($request.response.body)
			
		Else   // Something else listens there, or the flow is not deployed
			return This._failed("Node-RED at "+This.url+" answered "+String($request.response.status)+" and no status. Is the flow for 4D deployed there?")
			
	End case 
	
	// JSON has no Blob: as the message of a send it becomes {"$base64": "…"}, which the flow makes a binary frame of. So that nothing
	// else is taken for that, a property that begins with $ has one more $ on the way, in both directions. The caller's object stays as it is.
Function _forJSON($value : Variant) : Variant
	
	var $name; $base64 : Text
	var $blob : Blob
	var $object : Object
	var $list : Collection
	var $one : Variant
	
	Case of 
			
		: (Value type($value)=Is collection)
			$list:=New collection
			For each ($one; $value)
				$list.push(This._forJSON($one))
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
		$object[Choose(Position("$"; $name)=1; "$"+$name; $name)]:=This._forJSON($value[$name])
	End for each 
	return $object
	
Function _fromJSON($value : Variant) : Variant
	
	var $name : Text
	var $object : Object
	var $list : Collection
	var $one : Variant
	
	Case of 
			
		: (Value type($value)=Is collection)
			$list:=New collection
			For each ($one; $value)
				$list.push(This._fromJSON($one))
			End for each 
			return $list
			
		: (Value type($value)#Is object)
			return $value
			
	End case 
	
	$object:=New object
	For each ($name; $value)
		$object[Choose(Position("$$"; $name)=1; Substring($name; 2); $name)]:=This._fromJSON($value[$name])
	End for each 
	return $object
	
Function _failed($errorStr : Text) : Object
	
	return New object("success"; False; "errorStr"; $errorStr)
	
Function _reason($request : 4D.HTTPRequest) : Text
	
	If ($request.errors#Null) && ($request.errors.length>0)
		return $request.errors.extract("message").join("; ")
	End if 
	return "no answer within "+String($request.timeout)+" seconds"
