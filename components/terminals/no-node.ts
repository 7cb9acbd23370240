// Next gives code in a browser a `process` with a title, and xterm.js takes whoever has one for Node: then it knows neither Macs
// nor Windows, and AltGr and Option type nothing but Alt. It looks when it is loaded, so this comes before it.
if (typeof window !== "undefined") Reflect.deleteProperty(process, "title");
