// 4D v20 LTS and later
// For this project when it is opened on its own. A host database calls IX SET BRIDGE in its own On Startup.
var $file : 4D.File
var $status : Object

$file:=File("/DATA/ix-token.txt")
If ($file.exists)
	$status:=IX SET BRIDGE("http://127.0.0.1:1880/ix"; $file.getText())
	If (Not($status.success))
		ALERT($status.errorStr)
	End if 
End if 
