function main()
    local total = 0
    for round = 0, 19 do
        local map = {}
        for i = 0, 4999 do map["key" .. i] = i end
        for i = 0, 4999 do
            local key = "key" .. (i * 7) % 5000
            map[key] = map[key] + round
        end
        for i = 0, 999 do map["key" .. i * 3] = nil end
        for key, value in pairs(map) do total = total + value end
        local value = map["key4999"]
        if value then total = total + value end
    end
    return total
end
