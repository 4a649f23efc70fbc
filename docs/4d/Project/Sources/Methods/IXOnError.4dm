//%attributes = {"invisible":true,"preemptive":"capable"}
// 4D v20 LTS and later
// The error method while a call to Node-RED is made. It does nothing: the status of the call says what went wrong.
