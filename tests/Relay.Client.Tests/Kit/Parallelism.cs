// Most of these tests wait for time-outs and for peers most of the time, as in Relay.Core.Tests.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
