function main()
    local total = 0
    for round = 0, 39 do
        local parts = {}
        for i = 0, 999 do parts[#parts + 1] = "key" .. i .. "=value" .. i * round end
        -- The way Lua wants it: appending in a loop would copy the text each time.
        local pieces = {}
        for _, part in ipairs(parts) do
            pieces[#pieces + 1] = part
            pieces[#pieces + 1] = "&"
        end
        local text = table.concat(pieces)
        local at = 1
        while true do
            local stop = string.find(text, "&", at, true)
            local pair = string.sub(text, at, stop and stop - 1 or #text)
            local eq = string.find(pair, "=", 1, true)
            if eq then
                local key, value = string.sub(pair, 1, eq - 1), string.sub(pair, eq + 1)
                total = total + #value
                if key == "key500" then total = total + 1 end
            end
            if not stop then break end
            at = stop + 1
        end
        total = total + #string.gsub(text, "value", "v")
        if string.find(text, "key999=", 1, true) then total = total + 1 end
        total = total + #string.upper(text)
    end
    return total
end
