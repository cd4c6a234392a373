"""The instrument: exchanges whose times are the kernel's, made by a process that does nothing else.

clock       the kernel's receive stamps, on our clock
sheath      TLS above a socket that we read ourselves
over        when a response is over, without parsing it
reel        what goes over the wire during one exchange
connect     connections: found, made, secured, each step with its time
pump        which connections have something to read
line        one connection, read and stamped in the event loop's callback
prepared    requests as bytes
wire        requests to takes, over lines that are kept alive
footage     one exchange as it was recorded, once it is over
spool       what was recorded: the first of it in memory, the rest on disk
quiet       nothing else happens in this process while it measures
transport   the engine's Transport over a wire
load        many requests at once, or at given times
session     one endpoint under load, and a clock before and after
front       httpx (and with it the openai SDK) over a wire
"""
