//%attributes = {"shared":true}
// 4D v20 LTS and later
// The callback of TRY_WEBSOCKET: shows each event.
#DECLARE($type : Integer; $socket : Integer; $message : Text)

var $names : Collection

$names:=New collection("Message"; "Open"; "Close"; "Error")
MESSAGE($names[$type]+" of socket "+String($socket)+": "+$message)
