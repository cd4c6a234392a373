"""How long things took, found out from takes. Pure: no clock, no socket, no chance.

spoken      what one chunk adds: content, reasoning, arguments of a tool
reading     one take, measured: all times of one request
quantiles   quantiles, and where they lie: bootstrap over blocks
summary     many readings as distributions; failures apart; goodput
truth       the log of a clock, and how far readings were from it
audit       how far the instrument itself can be trusted
"""
