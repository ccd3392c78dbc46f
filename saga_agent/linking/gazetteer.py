"""Well-known places of the real world, so that a single mention of "London" is typed."""

from __future__ import annotations

_PLACES = """aberdeen adelaide adriatic aegean afghanistan africa alabama alaska albania aleppo alexandria algeria
algiers alps amazon america amsterdam andes ankara antarctica antwerp appalachia arabia argentina arizona arkansas
armenia asia athens atlanta atlantic auckland australia austria avignon azores babylon baghdad bahamas balkans
baltic baltimore bangkok barbados barcelona basel bath bavaria beijing beirut belfast belgium belgrade bengal
bergen berkshire berlin bermuda berne birmingham bohemia bolivia bologna bombay bordeaux borneo bosnia bosporus
boston botany brazil bremen brighton bristol britain brittany brooklyn bruges brussels bucharest budapest buenos
buffalo bulgaria burgundy burma byzantium cadiz cairo calais calcutta california cambodia cambridge canada
canterbury capri caribbean carolina carthage caspian castile catalonia caucasus ceylon charleston chelsea cheshire
chicago chile china cincinnati cleveland cologne colombia colorado connecticut constantinople copenhagen corfu cork
cornwall corsica crete crimea croatia cuba cumberland cyprus dakota dakar dallas damascus danube dartmoor delaware
delhi denmark denver derbyshire detroit devon devonshire dieppe dorset dover dresden dublin dundee durham ecuador
edinburgh egypt ely england essex estonia ethiopia eton etna europe everest exeter finland flanders florence
florida france frankfurt galilee galway ganges gaul geneva genoa georgia germany ghent gibraltar glasgow gloucester
gloucestershire goa granada greece greenland greenwich guatemala guinea haiti halifax hamburg hampshire hampstead
hanover harvard harlem havana hawaii hebrides heidelberg hereford hertfordshire himalayas holland hollywood
honolulu houston hudson hull hungary iceland idaho illinois india indiana indianapolis indies innsbruck iowa iran
iraq ireland israel istanbul italy jakarta jamaica japan java jericho jersey jerusalem jordan judea kansas kashmir
kent kentucky kenya kiev kilkenny korea kyoto labrador lagos lahore lancashire lancaster lapland lausanne lebanon
leeds leghorn leicester leipzig lichfield lima limerick lincoln lincolnshire lisbon lithuania liverpool lombardy
london lorraine louisiana louvre lucerne luxembourg lyons lyon macedonia madagascar madeira madras madrid maine
malaya malta manchester manhattan manila margate marseilles marseille maryland massachusetts mauritius mecca medina
mediterranean melbourne memphis mesopotamia mexico miami michigan milan minneapolis minnesota mississippi missouri
modena monaco mongolia montana montenegro montreal morocco moscow mozambique munich nairobi nantucket naples
nebraska nepal netherlands nevada newcastle newfoundland newport niagara nice nicaragua niger nigeria nile norfolk
normandy northampton northumberland norway norwich nottingham nottinghamshire nuremberg odessa ohio oklahoma oregon
orkney oslo ottawa oxford oxfordshire pacific padua pakistan palermo palestine panama paraguay paris parma
patagonia peking pennsylvania perth peru perugia petersburg philadelphia philippines phoenix piccadilly piedmont
pisa pittsburgh plymouth poland polynesia pompeii portsmouth portugal prague princeton provence prussia pyrenees
quebec ravenna reykjavik rhine rhodes rhone richmond riga rochester rockies rome rotterdam rouen rumania romania
russia sahara saigon salem salerno salisbury salzburg samarkand saratoga sardinia saskatchewan savannah savoy
saxony scandinavia scarborough scotland seattle seine serbia seville shanghai sheffield shetland shrewsbury
shropshire siam siberia sicily siena silesia singapore smyrna sofia soho somerset somersetshire southampton
southwark spain sparta staffordshire stockholm strasbourg stratford sudan suez suffolk sumatra surrey sussex sweden
switzerland sydney syracuse syria tahiti taiwan tangier tasmania tehran tennessee texas thailand thames tiber tibet
tokyo toledo tonga toronto toulon toulouse transylvania trieste trinidad tripoli troy tunis tunisia turin turkey
tuscany tyrol uganda ukraine ulster umbria uruguay utah vatican venezuela venice vermont verona versailles vesuvius
vienna vietnam wales warsaw warwick warwickshire washington waterloo wellington westminster westmoreland wiltshire
wimbledon winchester windsor wisconsin worcester worcestershire wyoming yale yangtze yarmouth yemen yorkshire york
yugoslavia zanzibar zurich heaven hell eden paradise hades purgatory valhalla olympus mars venus jupiter saturn
mercury neptune uranus pluto moon earth"""
_LONG_PLACES = """New York|New Zealand|New England|New Orleans|New Jersey|New Mexico|New Hampshire|New Guinea|New
South Wales|New Brunswick|New Haven|North America|South America|Central America|Great Britain|United States|United
Kingdom|Nova Scotia|San Francisco|San Diego|Los Angeles|Las Vegas|Santa Fe|Saint Petersburg|St. Petersburg|Buenos
Aires|Rio de Janeiro|Sierra Leone|Hong Kong|South Africa|North Carolina|South Carolina|North Dakota|South
Dakota|West Virginia|Rhode Island|Puerto Rico|Costa Rica|El Salvador|Sri Lanka|Saudi Arabia|Monte Carlo|Holy
Land|Asia Minor|East Indies|West Indies|Kansas City|Mexico City|Salt Lake City|Cape Town|Cape Cod|Long
Island|Tierra del Fuego|Middle East|Far East|Hyde Park|Notre Dame"""

_KNOWN = frozenset(_PLACES.split()) | frozenset(" ".join(name.split()).lower() for name in _LONG_PLACES.split("|"))


def is_known_place(name: str) -> bool:
    """Whether a whole name, in any case, is a country, a city, a river or the like that everybody knows."""
    return name.lower() in _KNOWN
