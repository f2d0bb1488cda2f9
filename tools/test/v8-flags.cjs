// Loaded first by every Node.js that tests start. Pulumi's SDK sets this flag of V8 while it loads; the program sets it
// earlier than the provider. V8 takes compiled code only under the flags that it was compiled with, so each of the two
// would compile and write anew what the other has just written to their common cache.
require("node:v8").setFlagsFromString("--allow-natives-syntax");
