"""For pairs of products whose right answer is written down: does the certificate give it?"""
