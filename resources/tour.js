// Node-RED imports a tour as a module. The script of the nodes makes its steps, in the language of the editor.
export default globalThis.ixWebSocket.tour;
