"""How complete an archive is, and when somebody last cared for it: one narrow row a customer (domain 2.1)."""
