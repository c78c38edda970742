/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_TESTS_UNIT_CORE_OPEN_REDIRECTS_H
#define CP2FA_TESTS_UNIT_CORE_OPEN_REDIRECTS_H

/* HTTP-05. Octal escapes, as a hexadecimal one would swallow letters. */

/* Return URLs as they reach the check, decoded. None may pass. */
static const char *const hostile_urls[] = {
    /* another origin, in words */
    "http://evil.example", "https://evil.example/", "HTTP://evil.example",
    "http:evil.example", "https:evil.example", "http:/evil.example",
    "https:/evil.example", "https:///evil.example", "http:////evil.example",
    "http:\\\\evil.example", "https:\\evil.example", "https://localhost/a",
    "https://user@evil.example", "https://localhost@evil.example",
    "https://localhost.evil.example", "https://[::1]/", "https://1.1.1.1/",
    "ftp://evil.example", "ws://evil.example", "file:///etc/passwd",
    "mailto:a@evil.example", "tel:+1", "intent://evil#Intent;end",
    "about:blank", "blob:https://evil.example/1", "view-source:/a",
    /* scripts */
    "javascript:alert(1)", "JavaScript:alert(1)", "jAvAsCrIpT:alert(1)",
    "javascript://%0aalert(1)", "javascript:/a", "java\tscript:alert(1)",
    "java\nscript:alert(1)", "java\rscript:alert(1)", "\tjavascript:alert(1)",
    " javascript:alert(1)", "\001javascript:alert(1)", "javascript\t:alert(1)",
    "javascript&colon;alert(1)", "&#106;avascript:alert(1)",
    "\\j\\av\\a\\s\\cr\\i\\pt\\:\\a\\l\\ert\\(1\\)", "vbscript:msgbox(1)",
    "data:text/html,<script>alert(1)</script>", "data:text/html;base64,PHM+",
    "DATA:,x", "livescript:x", "feed:javascript:alert(1)",
    /* relative, empty, or no path at all */
    "", "a", "a/b", "evil.example", "evil.example/a", ".", "..", "./", "../",
    "../a", "./a", ".evil.example", "@evil.example", ":80", "://evil.example",
    ":///evil.example", "?a", "?return=/a", "#a", ";/a", ";@evil.example", "*",
    "~/a", "%2Fa", "%2f%2fevil.example", "%5cevil.example", "&/a", "=/a",
    /* two slashes and more */
    "//", "///", "////", "//evil.example", "//evil.example/",
    "//evil.example/a?b", "///evil.example", "////evil.example",
    "/////evil.example", "//evil.example:443/a", "//user@evil.example",
    "//localhost@evil.example", "//evil.example#@localhost",
    "//evil.example?@localhost", "//%65vil.example", "//1.1.1.1",
    "//0x01010101", "//16843009", "//[::1]", "//evil%E3%80%82example",
    "///@evil.example", "//;@evil.example", "//:@evil.example", "//?/a",
    "//https://evil.example", "///https:evil.example", "//javascript:alert(1)",
    "/https://evil.example", "/http://a", "/a//", "/a//b", "/a///b",
    "/a//evil.example", "/a/b//?c=d", "//a/", "/a//..", "/a//../b",
    "//..", "//../evil.example", "//./evil.example", "//%2e%2e",
    /* backslashes, which browsers take for slashes */
    "\\", "\\\\", "\\/", "/\\", "/\\/", "/\\\\", "\\\\evil.example",
    "\\/evil.example", "\\/\\/evil.example", "/\\evil.example",
    "/\\/evil.example", "/\\\\evil.example", "//\\evil.example",
    "\\evil.example", "/\\/\\evil.example", "/a\\b", "/a\\..\\b", "/a/\\b",
    "/a\\", "/..\\evil.example", "/.\\evil.example", "/a?b=\\c", "/a?\\",
    "/\\t/evil.example", "/\\@evil.example", "/\\%09/evil.example",
    /* characters that browsers drop: /<tab>/evil is //evil */
    "/\t/evil.example", "/\n/evil.example", "/\r/evil.example",
    "/\r\n/evil.example", "/\t\t/evil.example", "/\t\\evil.example",
    "\t//evil.example", "\n//evil.example", "\r//evil.example", " //evil",
    "\t/a", "\n/a", "\r/a", " /a", "\v/a", "\f/a", "\b/a", "\001/a", "\037/a",
    "/a\t", "/a\n", "/a\r", "/a\r\n", "/a ", "/a b", "/\ta", "/a?b\tc",
    "/a\r\nLocation: https://evil.example", "/a\r\n\r\n<svg onload=alert(1)>",
    "/a\nSet-Cookie: a=b", "/a?b\r\nSet-Cookie: a=b", "/\v/evil", "/\f/evil",
    "/ /evil.example", "/\001/evil", "/\033[2J", "/a\177", "/\177/evil", "/\b",
    "/.\t./evil", "/\t.", "/.\n.", "/a?\177", "/a?b=c d", "/a?\001",
    /* not ASCII: slashes, dots and blanks of other scripts */
    "/\342\201\204evil.example", "/\342\210\225evil.example",
    "/\357\274\217evil.example", "/\342\247\270evil.example",
    "\357\274\217\357\274\217evil.example", "/\357\274\274evil.example",
    "/\343\200\202\343\200\202/evil", "/\357\274\216\357\274\216/evil",
    "/\357\275\241/evil", "/\342\200\246/evil", "/\302\240/evil.example",
    "/\342\200\213/evil.example", "/\342\200\256/evil", "/\357\273\277/evil",
    "\357\273\277/a", "\302\240/a", "\343\200\200/a", "/\342\200\250/evil",
    "/\303\244", "/a?b=\303\244", "/\200", "/\377/evil", "/\300\257evil",
    "/\340\200\257evil", "/\355\240\200", "/a\302\205", "/\304\215/evil",
    "//evil\343\200\202example", "/\360\237\224\222",
    /* dot segments, in every spelling of WHATWG URL */
    "/.", "/..", "/./", "/../", "/./a", "/../a", "/a/.", "/a/..", "/a/./b",
    "/a/../b", "/a/../../b", "/..//evil.example", "/.//evil.example",
    "/a/..//evil.example", "/../../../etc/passwd", "/./.", "/./..",
    "/%2e", "/%2E", "/%2e/", "/%2e/a", "/%2e%2e", "/%2E%2E", "/%2e%2E",
    "/%2E%2e", "/%2e%2e/", "/%2e%2e/a", "/%2E%2E/a", "/%2e%2E/a", "/%2E%2e/a",
    "/.%2e", "/.%2E", "/%2e.", "/%2E.", "/.%2e/a", "/.%2E/a", "/%2e./a",
    "/%2E./a", "/a/%2e", "/a/%2e%2e", "/a/%2e%2e/b", "/a/.%2e/b",
    "/a/%2E./b", "/%2e/%2e/a", "/%2e//evil.example", "/%2e%2e//evil.example",
    "/.?a=b", "/..?a=b", "/%2e?a", "/a/..?b", "/a/.%2E?b", "/a/%2E%2e?",
    "/./#a", "/a/.?", "/../?//",
    /* fragments, which outlive a redirect */
    "/#", "/a#", "/a#b", "/#//evil.example", "/a?b#c", "/a?#", "/#javascript:",
};

/* What a form may post as it goes over the wire: decoded, none may pass. */
static const char *const hostile_posts[] = {
    "%2F%2Fevil.example", "%2f%2fevil.example", "/%2Fevil.example",
    "%2F/evil.example", "/%09/evil.example", "/%0a/evil.example",
    "/%0A/evil.example", "/%0d/evil.example", "/%0D%0A/evil.example",
    "/%5cevil.example", "/%5Cevil.example", "%5cevil.example",
    "%5C%5Cevil.example", "/%5c/evil.example", "%2f%5cevil.example",
    "/%2e%2e/a", "/%2e/a", "/.%2e/a", "/%252e/a", "/%252e%252e/a",
    "/%00/evil.example", "/%00", "/a%00b", "%00/a", "/a%", "/a%2", "/a%zz",
    "/a%23b", "/+/evil.example", "/a+b", "/a%20b", "+/a", "%20/a", "%09/a",
    "/%e2%81%84evil", "/%c0%af/evil", "/%c0%ae%c0%ae/", "/%ed%a0%80", "/%ff",
    "/%c3%a4", "javascript%3aalert(1)", "java%0ascript:alert(1)",
    "https%3A%2F%2Fevil.example", "https%3A/evil.example", "%68ttps://evil",
    "/a%0d%0aLocation:%20https://evil.example", "/%7f/evil", "/%01",
    "%2F%2F%2Fevil", "/a%2F%2Fb", "%2E%2E", "", "%40evil.example",
};

/* These stay here, however they are read. */
static const char *const good_urls[] = {
    "/", "/a", "/a/", "/a/b", "/a/b/", "/a/b?x=1&y=/z//w", "/a%20b", "/~u/",
    "/?", "/?a", "/?//evil.example", "/a?", "/a?b=c", "/a?b=../..",
    "/a?return=https://evil.example", "/a?b=javascript:alert(1)", "/a?b?c",
    "/...", "/a/...", "/.a", "/..a", "/a.", "/a..", "/a..b", "/a/.well-known",
    "/.well-known/change-password", "/%2e%2e%2e", "/%2ea", "/a%2e",
    "/a/b.c;d=e", "/a;jsessionid=1", "/a:b", "/a@b", "/user@host", "/-_.!*'()",
    "/a,b", "/a=b&c", "/$&+,;=:@", "/a%2Fb", "/%C3%A4", "/%", "/a%zz", "/%25",
    "/console/x", "/a/?b", "/?a=%0d%0a", "/a?b=%5C", "/*", "/index.html.lv",
    "/a|b^c`d{e}", "/[1]", "/\"<>", "/A/B", "/2fa/profile", "/0", "/a?b=//",
    "/javascript:alert(1)", "/http:evil.example", "/a%252e%252e/b", "/a/%2e2",
};

#endif
