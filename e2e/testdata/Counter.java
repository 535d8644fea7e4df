import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

/** Fetches a page three times, as one visitor. */
class Counter {
    public static void main(String[] args) throws Exception {
        var client = HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
        for (int i = 0; i < 3; i++) {
            System.out.println(client.send(HttpRequest.newBuilder(URI.create(args[0])).build(), BodyHandlers.ofString()).body());
        }
    }
}
