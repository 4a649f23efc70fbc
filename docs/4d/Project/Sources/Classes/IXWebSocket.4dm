// 4D v20 LTS and later
// IXWebSocket: the commands of the plugin ix-websocket, carried out by the node "4D bridge" (ix-4d-bridge) of a Node-RED.
//
// No plugin is needed: each function posts your socket object to the bridge, and returns the status object of the plugin's
// command. The project methods with the names of the plugin's commands call these functions, so code that used the plugin
// runs unchanged.
//
// Call IX SET BRIDGE once, in On Startup (and, on 4D Server, in On Server Startup).
//
// Every function returns a status: test $status.success. If Node-RED cannot be reached, or refuses the call, success is False
// too, and errorStr gives the reason. No function raises an error.
// The functions wait for the answer. A start may last 30 seconds, so call it from a worker:
// CALL WORKER("ws"; "myStart"; $socket). All functions may run in a preemptive process.
//
// A message is a text, a Blob (a binary frame), or an object or a collection (sent as JSON text).

property url : Text
property token : Text
property owner : Text
property values : cs.IXValues

// cs.IXWebSocket.new() takes all from IX SET BRIDGE; cs.IXWebSocket.new($url; $token; $owner) is for more than one Node-RED.
// $url is the address of the bridge, path included: http://127.0.0.1:1880/ix
Class constructor($url : Text; $token : Text; $owner : Text)
	
	This.values:=cs.IXValues.new()
	This.url:=$url
	This.token:=$token
	This.owner:=$owner
	If ((Count parameters=0) && (Storage.ixWebSocket#Null))
		This.url:=Storage.ixWebSocket.url
		This.token:=Storage.ixWebSocket.token
		This.owner:=Storage.ixWebSocket.owner
	End if 
	// A file of an editor ends with a line feed, which is not part of the token.
	This.token:=Replace string(Replace string(This.token; Char(10); ""); Char(13); "")
	
	// MARK:- Clients
	
	// Websocket client: creates a client, and writes its id into $socket, as the plugin does.
	// With an id in $socket it returns information about that client (readyState, URL and so on).
	// The host of the URL must be in the list of hosts of the bridge. A client of a config node is named by $socket.name, not by an
	// id, and takes no options from here.
Function client($socket : Object) : Object
	
	return This._created($socket; This._post("client"; $socket))
	
	// Websocket client start: connects, and returns when the opening handshake has ended.
	// $socket.timeout is its deadline in seconds; 30 if absent.
Function clientStart($socket : Object) : Object
	
	return This._post("client/start"; $socket)
	
	// Websocket client stop: $socket.code (1000) and $socket.reason are sent to the peer.
Function clientStop($socket : Object) : Object
	
	return This._post("client/stop"; $socket)
	
	// Websocket client send: $socket.message.
Function clientSend($socket : Object) : Object
	
	return This._post("client/send"; $socket)
	
	// Websocket client clear: the id is not used again.
Function clientClear($socket : Object) : Object
	
	return This._post("client/clear"; $socket)
	
	// MARK:- Servers
	
	// Websocket server: creates a server in Node-RED, and writes its id into $socket, as the plugin does.
	// With an id in $socket it returns the connections (clients, connections).
Function server($socket : Object) : Object
	
	return This._created($socket; This._post("server"; $socket))
	
	// Websocket server start: $status.port is the port that it listens on.
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
	
	// MARK:- Method and events
	
	// Websocket SET METHOD: the method that IXListen calls, and the one that nodes with a Method wait for.
Function setMethod($method : Text) : Object
	
	If (Storage.ixWebSocket=Null)
		return This._failed("The address of the bridge is not set. Call IX SET BRIDGE first.")
	End if 
	Use (Storage.ixWebSocket)
		Storage.ixWebSocket.method:=$method
	End use 
	return This._post("method"; New object("method"; $method))
	
	// Websocket Get method: empty if none is set.
Function getMethod() : Text
	
	If (Storage.ixWebSocket=Null)
		return ""
	End if 
	return Storage.ixWebSocket.method
	
	// Clears the sockets of this owner.
Function clearOwner() : Object
	
	return This._post("owner"; New object("clear"; True))
	
	// Waits for events, at most $wait seconds. The status has events, a collection, as they are on the way: see IXValues.
	// The call acknowledges the events that were claimed.
Function events($wait : Real) : Object
	
	return This._call("events"; New object("run"; Storage.ixWebSocket.run; "after"; Storage.ixWebSocket.after; "wait"; $wait); $wait)
	
	// Returns True once for each event, in whichever process it is asked.
Function claim($run : Text; $seq : Real) : Boolean
	
	var $isNew : Boolean
	
	Use (Storage.ixWebSocket)
		$isNew:=(Storage.ixWebSocket.run#$run) | ($seq>Storage.ixWebSocket.after)
		If ($isNew)
			Storage.ixWebSocket.run:=$run
			Storage.ixWebSocket.after:=$seq
		End if 
	End use 
	return $isNew
	
	// MARK:- Private
	
	// The caller's object has the id afterwards, so that the next command can take the same object; and the run of Node-RED,
	// so that after a restart of Node-RED the id names nothing instead of another socket.
Function _created($socket : Object; $status : Object) : Object
	
	If ((Value type($status.id)=Is real) | (Value type($status.id)=Is longint))
		$status.success:=True
		If ($socket#Null)
			$socket.id:=$status.id
			$socket.run:=$status.run
		End if 
	End if 
	return $status
	
Function _post($command : Text; $socket : Object) : Object
	
	var $body : Object
	var $wait : Real
	
	$body:=New object
	If ($socket#Null)
		$body:=This.values.toJSON($socket)
	End if 
	// Node-RED answers a start within its own deadline.
	$wait:=30
	If ((Value type($body.timeout)=Is real) | (Value type($body.timeout)=Is longint))
		$wait:=$body.timeout
	End if 
	return This.values.fromJSON(This._call($command; $body; $wait))
	
	// $wait: seconds that Node-RED may take. The deadline of the call is a little later.
Function _call($command : Text; $body : Object; $wait : Real) : Object
	
	var $options; $headers : Object
	var $request : 4D.HTTPRequest
	var $previous : Text
	
	$body.owner:=This.owner
	$headers:=New object("Authorization"; "Bearer "+This.token; "Content-Type"; "application/json")
	// A JSON answer comes back as an object.
	$options:=New object("method"; "POST"; "headers"; $headers; "body"; $body; "dataType"; "auto"; "timeout"; $wait+10)
	
	// v20 LTS has no Try: an address that is not a URL, for example, raises an error.
	$previous:=Method called on error
	ON ERR CALL("IXOnError")
	$request:=4D.HTTPRequest.new(This.url+"/"+$command; $options)
	If ($request#Null)
		$request.wait()
	End if 
	ON ERR CALL($previous)
	
	Case of 
			
		: ($request=Null)
			return This._failed("The call to Node-RED at "+This.url+" could not be made. Check the address in IX SET BRIDGE.")
			
		: ($request.response=Null)  // No answer at all
			return This._failed("Node-RED at "+This.url+" did not answer: "+This._reason($request)+". Check that it is running, and the address.")
			
		: (Value type($request.response.body)=Is object)  // The status; with a 4xx it says what was wrong with the call
			return $request.response.body
			
		Else   // Something else listens there, or the bridge is not deployed
			return This._failed("Node-RED at "+This.url+" answered "+String($request.response.status)+" and no status. Check that a 4D bridge is deployed with this path.")
			
	End case 
	
Function _failed($errorStr : Text) : Object
	
	return New object("success"; False; "errorStr"; $errorStr)
	
Function _reason($request : 4D.HTTPRequest) : Text
	
	If (Value type($request.errors)=Is collection)
		If ($request.errors.length>0)
			return $request.errors.extract("message").join("; ")
		End if 
	End if 
	return "no answer within "+String($request.timeout)+" seconds"
