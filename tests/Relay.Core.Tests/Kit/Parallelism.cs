// Most of these tests wait for time-outs and for peers most of the time: twice as many at once as the build machine has processors take
// two thirds of the time.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
