"""Campaign files (format outreach-campaign/1): one campaign, complete, in one YAML or JSON file.

read.py turns bytes into a tree of texts, node.py asks a tree for typed values and collects every fault with its place,
document.py says which keys there are, history.py which events they imply, write.py brings campaigns, companies and
approaches into the database, collect.py takes them out, dump.py writes YAML. The apps above add what is sent and what
came back.
"""
