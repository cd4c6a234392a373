"""Runs inside a client's own environment: serves recorded bytes on loopback, reads them with openai.

Standard library and `openai` only, whatever its version (1.x to 3.x): nothing of the rest of this
package, and no HTTP library by name. What was received goes over a real socket byte for byte, chunk
framing, compression and the way the connection ended included. Tapes come as lines of JSON on
standard input. Out go a line that names the client, and one line per tape, in the order of the tapes.
"""
