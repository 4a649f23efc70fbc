// 4D v20 LTS and later
// Values on the way between 4D and Node-RED. JSON has no bytes: a Blob is {"$base64": "…"} on the way. So that nothing that a peer
// writes is taken for that, the name of a property that begins with $ has one more $ on the way.

// Returns a value as Node-RED reads it. The caller's objects stay as they are.
Function toJSON($value : Variant) : Variant
	
	var $name; $base64 : Text
	var $blob : Blob
	var $object : Object
	var $list : Collection
	var $one : Variant
	
	Case of 
			
		: (Value type($value)=Is collection)
			$list:=New collection
			For each ($one; $value)
				$list.push(This.toJSON($one))
			End for each 
			return $list
			
		: (This.isBytes($value))
			$blob:=$value
			BASE64 ENCODE($blob; $base64)
			return New object("$base64"; $base64)
			
		: (Value type($value)#Is object)
			return $value
			
	End case 
	
	$object:=New object
	For each ($name; $value)
		$object[This.escaped($name)]:=This.toJSON($value[$name])
	End for each 
	return $object
	
	// Returns a value that came from Node-RED. Bytes are a 4D.Blob.
Function fromJSON($value : Variant) : Variant
	
	var $name; $base64 : Text
	var $blob : Blob
	var $object : Object
	var $list : Collection
	var $one : Variant
	
	Case of 
			
		: (Value type($value)=Is collection)
			$list:=New collection
			For each ($one; $value)
				$list.push(This.fromJSON($one))
			End for each 
			return $list
			
		: (Value type($value)#Is object)
			return $value
			
		: (Value type($value["$base64"])=Is text)
			// A peer cannot write this: its name would have two $.
			$base64:=$value["$base64"]
			BASE64 DECODE($base64; $blob)
			return 4D.Blob.new($blob)
			
	End case 
	
	$object:=New object
	For each ($name; $value)
		$object[This.unescaped($name)]:=This.fromJSON($value[$name])
	End for each 
	return $object
	
	// Returns JSON text without the character <, so that nothing in it is a tag of 4D or of HTML.
Function text($value : Object) : Text
	
	return Replace string(JSON Stringify($value); "<"; "\\u003c")
	
Function isBytes($value : Variant) : Boolean
	
	If (Value type($value)=Is BLOB)
		return True
	End if 
	If (Value type($value)=Is object)
		return OB Instance of($value; 4D.Blob)
	End if 
	return False
	
Function escaped($name : Text) : Text
	
	If (Position("$"; $name)=1)
		return "$"+$name
	End if 
	return $name
	
Function unescaped($name : Text) : Text
	
	If (Position("$$"; $name)=1)
		return Substring($name; 2)
	End if 
	return $name
