// Makes the one server a replica set, once; waits until it takes writes. Repeatable.
try {
  rs.status();
} catch (error) {
  if (error.codeName !== "NotYetInitialized") throw error;
  rs.initiate({_id: "rs0", members: [{_id: 0, host: "mongodb:27017"}]});
}
const deadline = Date.now() + 60000;
while (!db.hello().isWritablePrimary) {
  if (Date.now() > deadline) {
    print("no primary within 60 s");
    quit(1);
  }
  sleep(100);
}
print("replica set rs0 takes writes");
