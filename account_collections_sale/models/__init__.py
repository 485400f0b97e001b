from . import collection_gather
