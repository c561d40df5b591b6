-- Lua has no JSON of its own; this is the usual kind of pure Lua codec. Keys are written in the
-- order given by a list, so that both languages write the same text.
local order = {"id", "customer", "paid", "total", "note", "lines", "sku", "count", "price"}
local null = {}
local escapes = {['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t"}

local function escape(c) return escapes[c] or string.format("\\u%04x", string.byte(c)) end

local function encode(value, out)
    local kind = type(value)
    if value == null then
        out[#out + 1] = "null"
    elseif kind == "table" then
        if value[1] ~= nil then
            out[#out + 1] = "["
            for i, item in ipairs(value) do
                if i > 1 then out[#out + 1] = "," end
                encode(item, out)
            end
            out[#out + 1] = "]"
        else
            out[#out + 1] = "{"
            local first = true
            for _, key in ipairs(order) do
                local item = value[key]
                if item ~= nil then
                    if not first then out[#out + 1] = "," end
                    first = false
                    out[#out + 1] = '"' .. key .. '":'
                    encode(item, out)
                end
            end
            out[#out + 1] = "}"
        end
    elseif kind == "string" then
        out[#out + 1] = '"' .. string.gsub(value, '[%c"\\]', escape) .. '"'
    else
        out[#out + 1] = tostring(value)
    end
end

local decode
local unescapes = {n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\", ["/"] = "/"}

local function decode_string(text, at)
    local stop = string.find(text, '["\\]', at + 1)
    local plain = true
    while string.byte(text, stop) == 92 do
        plain = false
        stop = string.find(text, '["\\]', stop + 2)
    end
    local content = string.sub(text, at + 1, stop - 1)
    if not plain then content = string.gsub(content, "\\(.)", unescapes) end
    return content, stop + 1
end

local function skip(text, at) return string.find(text, "[^ \n\r\t]", at) end

function decode(text, at)
    at = skip(text, at)
    local c = string.sub(text, at, at)
    if c == "{" then
        local result = {}
        at = skip(text, at + 1)
        if string.sub(text, at, at) == "}" then return result, at + 1 end
        while true do
            local key
            key, at = decode_string(text, skip(text, at))
            at = skip(text, at)
            result[key], at = decode(text, at + 1)
            at = skip(text, at)
            if string.sub(text, at, at) == "}" then return result, at + 1 end
            at = at + 1
        end
    elseif c == "[" then
        local result = {}
        at = skip(text, at + 1)
        if string.sub(text, at, at) == "]" then return result, at + 1 end
        while true do
            result[#result + 1], at = decode(text, at)
            at = skip(text, at)
            if string.sub(text, at, at) == "]" then return result, at + 1 end
            at = at + 1
        end
    elseif c == '"' then
        return decode_string(text, at)
    elseif c == "t" then
        return true, at + 4
    elseif c == "f" then
        return false, at + 5
    elseif c == "n" then
        return null, at + 4
    else
        local stop = string.find(text, "[^%d%.eE+-]", at) or #text + 1
        return tonumber(string.sub(text, at, stop - 1)), stop
    end
end

function main()
    local orders = {}
    for i = 0, 199 do
        orders[#orders + 1] = {
            id = i,
            customer = "customer-" .. i .. "@example.org",
            paid = i % 2 == 0,
            total = i * 199,
            note = null,
            lines = {{sku = "vps-s", count = 1, price = 499}, {sku = 'ip "v4"', count = 2, price = 100}},
        }
    end
    local size = 0
    for round = 0, 19 do
        local out = {}
        encode(orders, out)
        local text = table.concat(out)
        size = size + #text
        orders = decode(text, 1)
    end
    return size + orders[200].total
end
