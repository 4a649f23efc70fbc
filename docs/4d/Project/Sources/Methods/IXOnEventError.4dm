//%attributes = {"invisible":true}
// 4D v20 LTS and later
// The error method while the method of Websocket SET METHOD runs. An error in it must not end the worker that listens.
// It is in the diagnostic log of 4D, with the line.
LOG EVENT(Into 4D diagnostic log; "ixWebSocket: error "+String(Error)+" in "+Error method+", line "+String(Error line))
