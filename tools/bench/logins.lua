-- SPDX-License-Identifier: Apache-2.0
-- For wrk: each connection of a thread of its own logs people in, one after
-- the other: the token page, then its form with a code.
--   wrk -t N -c N … -s logins.lua URL -- CODES PEOPLE N FROM
-- CODES has a line "step code" for each time step to come. All people have the
-- same phone; they come in turn, and who comes again before it shows the next
-- code is refused.
local threads = {}
local posting, cookie, csrf, person

function setup(thread)
    thread:set("number", #threads)
    table.insert(threads, thread)
end

function init(args)
    codes = {}
    for line in io.lines(args[1]) do
        local step, code = line:match("^(%d+) (%d+)$")
        codes[tonumber(step)] = code
    end
    people = tonumber(args[2])
    apart = tonumber(args[3])
    person, logged_in, refused = (number + args[4]) % people, 0, 0
end

local function base64(text)
    local set = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return (text:gsub("..?.?", function(three)
        local a, b, c = three:byte(1, 3)
        local n = a * 65536 + (b or 0) * 256 + (c or 0)
        local out = ""
        for i = 0, 3 do
            local six = math.floor(n / 64 ^ (3 - i)) % 64
            out = out .. (i <= #three and set:sub(six + 1, six + 1) or "=")
        end
        return out
    end))
end

function request()
    local fields = {
        ["Host"] = wrk.headers["Host"],
        ["Accept"] = "text/html",
        ["Accept-Language"] = "en",
        ["Authorization"] = "Basic " .. base64("person" .. person .. ":any"),
    }
    if not posting then
        return wrk.format("GET", "/2fa/token", fields)
    end
    fields["Cookie"] = cookie
    fields["Sec-Fetch-Site"] = "same-origin"
    fields["Content-Type"] = "application/x-www-form-urlencoded"
    return wrk.format("POST", "/2fa/token", fields, "csrf=" .. csrf
        .. "&token=" .. codes[math.floor(os.time() / 30)])
end

function response(status, headers, body)
    if not posting and status == 200 then
        cookie = headers["Set-Cookie"]:match("^[^;]+")
        csrf = body:match('name="csrf" value="([^"]+)"')
        posting = true
        return
    end
    if posting and status == 303 then
        logged_in = logged_in + 1
    else
        refused = refused + 1
    end
    posting = false
    person = (person + apart) % people
end

function done(summary)
    local logged_in, refused = 0, 0
    for _, thread in ipairs(threads) do
        logged_in = logged_in + thread:get("logged_in")
        refused = refused + thread:get("refused")
    end
    print(string.format("logged in %d refused %d seconds %.2f", logged_in,
        refused, summary.duration / 1e6))
end
