"""The instrument: exchanges whose times are the kernel's, made by a process that does nothing else.

clock       the kernel's receive stamps, on our clock
sheath      TLS above a socket that we read ourselves
over        when a response is over, without parsing it
reel        what goes over the wire during one exchange
connect     connections: found, made, secured, each step with its time
line        one connection, read and stamped in the event loop's callback
wire        requests to takes, over lines that are kept alive
quiet       nothing else happens in this process while it measures
transport   the engine's Transport over a wire
front       httpx (and with it the openai SDK) over a wire
"""
