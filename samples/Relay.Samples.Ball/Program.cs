using Relay.Core.Hosting;
using Relay.Samples.Ball;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.ListenLocalhost(7300);
    kestrel.ListenLocalhost(7301, listen => listen.UseRelay());
});
builder.Services.AddRelay(options => options.AllowAnonymous = true).AddRoomHandler<BallRoom>("ball*");

WebApplication app = builder.Build();
app.MapRelay("/relay");
app.Run();
