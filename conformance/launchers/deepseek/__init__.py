"""DeepSeek's own request and answer code, from the package `deepseek-recipe`, behind HTTP.

    python -m conformance.launchers.deepseek --port 8081

What a request means, which ones are refused and in which words, the prompt, the tool calls and the
chunks are DeepSeek's published adapter. The model behind it is that of the reference server, which
follows rules; the HTTP around it is the reference server's, too. So what is found in messages,
chunks and refusals is DeepSeek's, and what is found in headers and connections is ours.
"""
