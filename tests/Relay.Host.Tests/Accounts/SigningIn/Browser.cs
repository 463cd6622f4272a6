using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;

namespace Relay.Host.Tests.Accounts.SigningIn;

/// <summary>Follows redirects and forms as a browser does, one step at a time, with cookies for each host.</summary>
internal sealed partial class Browser : IDisposable
{
    private readonly HttpClient _http;

    public Browser()
    {
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = true, CookieContainer = Cookies });
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("Browser/1");
    }

    public CookieContainer Cookies { get; } = new();

    public HttpClient Http => _http;

    public static AuthenticationHeaderValue Basic(string user, string password) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(user)}:{Uri.EscapeDataString(password)}")));

    /// <summary>Goes to the provider and through its pages, until it sends us to an address that begins as wanted.</summary>
    /// <param name="address">Where to begin.</param>
    /// <param name="user">Who signs in there.</param>
    /// <param name="until">The address to stop before.</param>
    /// <param name="cancels">Whether to cancel there instead.</param>
    public async Task<Uri> ThroughProviderAsync(Uri address, string user, string until, bool cancels = false)
    {
        HttpResponseMessage answer = await _http.GetAsync(address);
        for (int step = 0; step < 16; step++)
        {
            if (answer.StatusCode is HttpStatusCode.Redirect or HttpStatusCode.SeeOther)
            {
                var next = new Uri(address, answer.Headers.Location!);
                if (next.AbsoluteUri.StartsWith(until, StringComparison.Ordinal))
                {
                    return next;
                }

                answer = await _http.GetAsync(address = next);
                continue;
            }

            string page = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{address} answers {(int)answer.StatusCode}: {page}");
            string prompt = Prompt().Match(page).Groups["prompt"].Value;
            Assert.True(prompt.Length > 0, page);
            if (cancels)
            {
                answer = await _http.GetAsync(address = new Uri(address, Abort().Match(page).Groups["href"].Value));
                continue;
            }

            using var form = new FormUrlEncodedContent(prompt == "login"
                ? new Dictionary<string, string> { ["prompt"] = "login", ["login"] = user, ["password"] = "any" }
                : new Dictionary<string, string> { ["prompt"] = prompt });
            answer = await _http.PostAsync(address, form);
        }

        throw new InvalidOperationException($"No way through the provider: at {address}.");
    }

    public void Dispose() => _http.Dispose();

    [GeneratedRegex("name=\"prompt\" value=\"(?<prompt>[a-z]+)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex Prompt();

    [GeneratedRegex("href=\"(?<href>[^\"]*/abort)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex Abort();
}
